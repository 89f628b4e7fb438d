Attribute VB_Name = "XlplanState"
Option Explicit
Option Private Module

' What the active workbook allows. A plan book says what it is through hidden names, mostly
' of cells on its hidden sheet: xlplan_version (it is one), xlplan_undo (the last step that
' can be undone), and one name per condition, such as xlplan_has_actuals (FALSE: not yet).

Public Function Blocked(ByVal condition As String) As String
    ' "" when the action may run, else the key of the text that says why not.
    Dim wb As Workbook
    Set wb = ActiveWorkbook
    If Not wb Is Nothing Then Blocked = Unsafe(wb)
    If Blocked <> "" Or condition = "always" Then Exit Function
    If wb Is Nothing Then
        If InProtectedView() Then Blocked = "protected_view" Else Blocked = "no_book"
    ElseIf InProtectedView() Then
        Blocked = "protected_view"
    ElseIf Not IsPlan(wb) Then
        Blocked = "not_plan"
    ElseIf wb.ReadOnly And condition <> "plan_view" Then
        Blocked = "read_only"
    ElseIf Not Holds(wb, condition) Then
        Blocked = "state." & condition
    End If
End Function

Public Function Available(ByVal condition As String) As Boolean
    ' For getEnabled: grey only when the book itself is the reason. Everything else stays
    ' clickable, because only a click can explain.
    If condition = "always" Then
        Available = True
    ElseIf IsPlan(ActiveWorkbook) Then
        Available = Holds(ActiveWorkbook, condition)
    End If
End Function

Public Function Status() As String
    ' Key of the text in the ribbon's status line.
    If ActiveWorkbook Is Nothing Then
        Status = "status_none"
    ElseIf Not IsPlan(ActiveWorkbook) Then
        Status = "status_other"
    ElseIf ActiveWorkbook.ReadOnly Then
        Status = "status_read_only"
    Else
        Status = "status_plan"
    End If
End Function

Public Function IsPlan(ByVal wb As Workbook) As Boolean
    If Not wb Is Nothing Then IsPlan = (NameText(wb, "xlplan_version") <> "")
End Function

Public Function UndoMark(ByVal wb As Workbook) As String
    On Error Resume Next
    UndoMark = NameText(wb, "xlplan_undo")
End Function

Public Function FromCell() As Boolean
    ' Whether a formula in a cell is calling. Anybody's workbook can hold one.
    On Error Resume Next
    FromCell = (TypeName(Application.Caller) = "Range")
End Function

Private Function Unsafe(ByVal wb As Workbook) As String
    ' A sheet with settings would decide which program a click starts; a sheet of code would
    ' be run; xlwings cuts a file name at "=".
    Dim sht As Object, title As String
    If InStr(wb.Name, "=") > 0 Then Unsafe = "bad_name"
    For Each sht In wb.Worksheets
        title = LCase$(sht.Name)
        If title = "xlplan.conf" Or Right$(title, 3) = ".py" Then Unsafe = "foreign_conf"
    Next sht
End Function

Private Function Holds(ByVal wb As Workbook, ByVal condition As String) As Boolean
    ' A book that says nothing about a condition does not forbid it: Python will explain.
    Dim text As String
    text = UCase$(NameText(wb, "xlplan_" & condition))
    Holds = Not (text = "=FALSE" Or text = "=0" Or text = "=FALSE()")
End Function

Private Function NameText(ByVal wb As Workbook, ByVal key As String) As String
    ' What a name stands for: a constant's own text, or a cell's value ("" when it is empty).
    Dim found As Object, place As Object
    On Error Resume Next
    Set found = wb.Names(key)
    If found Is Nothing Then Exit Function
    NameText = found.RefersTo
    Set place = found.RefersToRange
    If Not place Is Nothing Then NameText = Said(place.Value)
End Function

Private Function Said(ByVal value As Variant) As String
    If VarType(value) = vbBoolean Then
        If value Then Said = "=TRUE" Else Said = "=FALSE"
    ElseIf CStr(value) <> "" Then
        Said = "=" & CStr(value)
    End If
End Function

Private Function InProtectedView() As Boolean
    ' Late bound: Excel for Mac has no such member.
    Dim host As Object
    On Error Resume Next
    Set host = Application
    InProtectedView = Not (host.ActiveProtectedViewWindow Is Nothing)
End Function
