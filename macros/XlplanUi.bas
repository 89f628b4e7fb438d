Attribute VB_Name = "XlplanUi"
Option Explicit

' The live ribbon object. After a VBA reset it is gone: buttons keep their last look,
' and the guards in XlplanState still hold at the click.
Private ribbon As IRibbonUI
Private events As XlplanEvents

Public Sub OnLoad(ui As IRibbonUI)
    Set ribbon = ui
    Set events = New XlplanEvents
    events.Watch Application
End Sub

Public Sub Refresh()
    On Error Resume Next
    If Not ribbon Is Nothing Then ribbon.Invalidate
End Sub
