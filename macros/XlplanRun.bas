Attribute VB_Name = "XlplanRun"
Option Explicit

' The one call into Python, Ctrl+Z afterwards, and what happens when Python does not start.
Private failed As Boolean
' The book whose step Ctrl+Z would take back, and the mark of that step. Excel has one Ctrl+Z
' for all its books.
Private offeringBook As String
Private offeringMark As String

Public Sub Run(ByVal action As String, ByVal condition As String)
    Dim why As String, wb As Workbook, before As String
    why = XlplanState.Blocked(condition)
    If why <> "" Then
        XlplanBox.Say XlplanText.T(why), 48
        Exit Sub
    End If
    Set wb = ActiveWorkbook
    before = XlplanState.UndoMark(wb)
    Execute action
    XlplanUi.Refresh
    ' OnUndo has to be the last statement: later changes would wipe it.
    If Not failed Then OfferUndo wb, action, before, XlplanState.UndoMark(wb)
End Sub

Public Sub UndoLast()
    ' Ctrl+Z lands here, whichever book is in front: it takes back the step of the book that
    ' offered it, or nothing.
    Dim wb As Workbook
    Set wb = Offering()
    If wb Is Nothing Then
        XlplanBox.Say XlplanText.T("undo_elsewhere"), 48
        Exit Sub
    End If
    wb.Activate
    If ActiveWorkbook.FullName <> offeringBook Then
        XlplanBox.Say XlplanText.T("undo_elsewhere"), 48
        Exit Sub
    End If
    Run "undo", "plan_book"
End Sub

Public Function PythonCode(ByVal action As String) As String
    ' The only Python text VBA ever makes: fixed words and one checked word, no user text.
    Dim i As Long
    For i = 1 To Len(action)
        If InStr("abcdefghijklmnopqrstuvwxyz_", Mid$(action, i, 1)) = 0 Then
            Err.Raise 5, "xlplan", "bad action: " & action
        End If
    Next i
    PythonCode = "from xlplan import ribbon; ribbon.run('" & action & "')"
End Function

Public Function HandleError(ByVal fileName As String, ByVal message As String) As Boolean
    ' Python reports its own errors in Chinese and ends with 0; what arrives here is Python
    ' that could not be started, could not be imported, or broke down.
    Dim content As String
    failed = True
    content = message
    If content = "" Then content = XlplanLog.ReadText(fileName)
    XlplanLog.Add content
    XlplanBox.Say XlplanText.T(Kind(content)) & vbCrLf & vbCrLf & _
        XlplanText.F("log_at", XlplanLog.LogFile()), 16
    HandleError = True
End Function

Public Function Kind(ByVal content As String) As String
    ' Sorts what Python (or Windows) said into the key of a text with the remedy.
    If InStr(content, "No module named 'xlplan") > 0 Or InStr(content, "from 'xlplan'") > 0 Then
        Kind = "no_package"
    ElseIf InStr(content, "Microsoft Store") > 0 Then
        Kind = "store_python"
    ElseIf InStr(content, "No module named") > 0 Then
        Kind = "no_module"
    ElseIf InStr(content, "DLL load failed") > 0 Then
        Kind = "no_module"
    ElseIf InStr(content, "MemoryError") > 0 Then
        Kind = "no_memory"
    ElseIf InStr(content, "-2147418111") > 0 Or InStr(content, "-2146777998") > 0 Then
        Kind = "busy"
    ElseIf InStr(content, "Traceback") > 0 Then
        Kind = "crash"
    Else
        Kind = "no_python"
    End If
End Function

Private Function Offering() As Workbook
    ' Open, under the same name, and the step is still its last: else Nothing.
    Dim wb As Workbook
    Set Offering = Nothing
    If offeringMark = "" Then Exit Function
    For Each wb In Workbooks
        If wb.FullName = offeringBook Then
            If XlplanState.UndoMark(wb) = offeringMark Then Set Offering = wb
        End If
    Next wb
End Function

Private Sub Execute(ByVal action As String)
    Dim scratch As Workbook, mode As Variant
    failed = False
    On Error GoTo oops
    mode = Calculating()
    ' Esc while Python works would stop VBA half-way, with Excel left locked.
    Application.EnableCancelKey = xlDisabled
    ' xlwings needs an open workbook even for actions that do not.
    If ActiveWorkbook Is Nothing Then Set scratch = Workbooks.Add
    Application.Cursor = xlWait
    Application.StatusBar = XlplanText.F("running", XlplanText.T("label." & action))
    RunPython PythonCode(action)
    If Not scratch Is Nothing Then
        If Workbooks.Count > 1 And scratch.Saved Then scratch.Close False
    End If
finish:
    Application.EnableCancelKey = xlInterrupt
    Application.Cursor = xlDefault
    Application.StatusBar = False
    Restore mode
    Exit Sub
oops:
    HandleError "", "Traceback (VBA): " & Err.Description
    Resume finish
End Sub

Private Function Calculating() As Variant
    On Error Resume Next
    Calculating = Application.Calculation
End Function

Private Sub Restore(ByVal mode As Variant)
    ' Python puts everything back itself; this is for a Python that was ended half-way.
    On Error Resume Next
    Application.ScreenUpdating = True
    Application.EnableEvents = True
    Application.Interactive = True
    If Not IsEmpty(mode) Then
        If Application.Calculation <> mode Then Application.Calculation = mode
    End If
End Sub

Private Sub OfferUndo(ByVal wb As Workbook, ByVal action As String, ByVal before As String, ByVal after As String)
    If after <> "" And after <> before Then
        offeringBook = wb.FullName
        offeringMark = after
        Application.OnUndo XlplanText.F("undo", XlplanText.T("label." & action)), _
            "'" & ThisWorkbook.Name & "'!XlplanRun.UndoLast"
    End If
End Sub
