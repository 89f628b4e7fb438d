Attribute VB_Name = "XlplanRibbon"
Option Explicit

' Ribbon callbacks. A button's tag is "action condition"; Python does the work.
Public Sub OnAction(control As IRibbonControl)
    XlplanRun.Run Word(control.Tag, 0), Word(control.Tag, 1)
End Sub

Public Sub GetEnabled(control As IRibbonControl, ByRef returnedVal)
    returnedVal = XlplanState.Available(Word(control.Tag, 1))
End Sub

Public Sub GetStatus(control As IRibbonControl, ByRef returnedVal)
    returnedVal = XlplanText.T(XlplanState.Status())
End Sub

Private Function Word(ByVal text As String, ByVal index As Long) As String
    Dim parts As Variant
    parts = Split(text, " ")
    If index <= UBound(parts) Then Word = parts(index)
End Function
