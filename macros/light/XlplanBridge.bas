Attribute VB_Name = "XlplanBridge"
Option Explicit
Option Private Module

' The light bridge: the least that xlwings' Python side understands, instead of its VBA module.
' No dll, no cmd.exe, no console, Unicode paths. Not for Mac; Python keeps the log.
Private Const PROBE As String = "import sys, importlib.util as u; u.find_spec('xlplan') or sys.exit(9); "

Public Function RunPython(ByVal code As String) As Long
    If XlplanState.FromCell() Then Exit Function
    On Error GoTo missing
    RunPython = CreateObject("WScript.Shell").Run(CommandLine(Setting("INTERPRETER_WIN"), code), 0, True)
    On Error GoTo 0
    If RunPython = 9 Then
        XlplanRun.HandleError "", "No module named 'xlplan'"
    ElseIf RunPython = 9009 Then
        XlplanRun.HandleError "", "Could not find Interpreter! exit code 9009: only the shortcut to the Microsoft Store"
    ElseIf RunPython <> 0 Then
        XlplanRun.HandleError "", "Traceback: exit code " & CStr(RunPython)
    End If
    Exit Function
missing:
    RunPython = -1
    XlplanRun.HandleError "", "Could not find Interpreter! " & Err.Description
End Function

Public Function CommandLine(ByVal exe As String, ByVal code As String) As String
    CommandLine = """" & exe & """ -P -X utf8 -c """ & PROBE & code & """ ""--wb=" & ActiveWorkbook.Name & _
        """ --from_xl=1 --hwnd=" & CStr(Application.Hwnd)
End Function

Public Function Setting(ByVal key As String) As String
    Dim table As Variant, r As Long
    table = ThisWorkbook.Worksheets("xlplan.conf").Range("A1:B50").Value
    For r = 1 To 50
        If table(r, 1) = key Then Setting = CStr(table(r, 2))
    Next r
End Function
