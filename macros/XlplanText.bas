Attribute VB_Name = "XlplanText"
Option Explicit
Option Private Module

' All text a person sees lives on the sheet "xlplan.text" of this add-in (key | text):
' VBA source stays ASCII, so no code page can spoil it, and cells are Unicode.

Public Function T(ByVal key As String) As String
    Dim table As Variant, r As Long
    table = ThisWorkbook.Worksheets("xlplan.text").Range("A1:B200").Value
    For r = 1 To 200
        If table(r, 1) = key Then
            T = CStr(table(r, 2))
            Exit Function
        End If
    Next r
    If Left$(key, 6) = "state." Then T = T("not_ready") Else T = key
End Function

Public Function F(ByVal key As String, ByVal value As String) As String
    F = Replace(T(key), "{}", value)
End Function
