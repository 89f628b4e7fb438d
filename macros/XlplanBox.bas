Attribute VB_Name = "XlplanBox"
Option Explicit
Option Private Module

' MsgBox knows only the PC's code page; MessageBoxW is Unicode.
#If Mac Then
#ElseIf VBA7 Then
    Private Declare PtrSafe Function MessageBoxW Lib "user32" (ByVal hWnd As LongPtr, ByVal text As LongPtr, ByVal caption As LongPtr, ByVal style As Long) As Long
#Else
    Private Declare Function MessageBoxW Lib "user32" (ByVal hWnd As Long, ByVal text As Long, ByVal caption As Long, ByVal style As Long) As Long
#End If

Public Sub Say(ByVal message As String, ByVal style As Long)
    ' style: 16 stop, 48 warning, 64 information
    Dim title As String
    title = XlplanText.T("title")
    #If Mac Then
        MsgBox message, style, title
    #Else
        MessageBoxW Application.Hwnd, StrPtr(message), StrPtr(title), style
    #End If
End Sub
