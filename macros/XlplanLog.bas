Attribute VB_Name = "XlplanLog"
Option Explicit
Option Private Module

' What went wrong when Python did not start, for the person who is asked to help.
Private Const MAX_BYTES As Long = 1000000

Public Function LogFile() As String
    LogFile = Folder() & "addin.log"
End Function

Public Sub Add(ByVal content As String)
    Dim handle As Integer
    On Error Resume Next
    MkDir Left$(Folder(), Len(Folder()) - 1)
    handle = FreeFile
    If FileLen(LogFile()) > MAX_BYTES Then
        Open LogFile() For Output As #handle
    Else
        Open LogFile() For Append As #handle
    End If
    Print #handle, Format$(Now, "yyyy-mm-dd hh:mm:ss") & " " & content
    Close #handle
End Sub

Public Function ReadText(ByVal fileName As String) As String
    Dim handle As Integer, one As String
    On Error Resume Next
    handle = FreeFile
    Open fileName For Input As #handle
    Do While Not EOF(handle)
        Line Input #handle, one
        ReadText = ReadText & one & vbCrLf
        If Err.Number <> 0 Then Exit Do
    Loop
    Close #handle
End Function

Private Function Folder() As String
    If Environ$("LOCALAPPDATA") <> "" Then
        Folder = Environ$("LOCALAPPDATA") & "\xlplan\"
    Else
        Folder = Environ$("HOME") & "/xlplan/"
    End If
End Function
