' Stands in for Windows while the add-in's VBA runs in LibreOffice (see office_script.py).
Option VBASupport 1
Public Type FakeControl
    Id As String
    Tag As String
End Type
Private Function Script(name As String)
    Dim sp As Object
    Set sp = CreateUnoService("com.sun.star.script.provider.MasterScriptProviderFactory").createScriptProvider("")
    Set Script = sp.getScript("vnd.sun.star.script:office_script.py$" & name & "?language=Python&location=user")
End Function
Public Sub Say(message As String, style As Long)
    Dim s As Object
    Set s = Script("say")
    s.invoke Array(message, style), Array(), Array()
End Sub
Public Sub OnUndo(label As String, macro As String)
    Dim s As Object
    Set s = Script("on_undo")
    s.invoke Array(label, macro), Array(), Array()
End Sub
Public Function RunCommand(line As String, style As Variant, wait As Variant) As Long
    Dim s As Object
    Set s = Script("run_command")
    RunCommand = s.invoke(Array(line), Array(), Array())
End Function
Public Function Dictionary() As Object
    Dim s As Object
    Set s = Script("dictionary")
    Set Dictionary = s.invoke(Array(), Array(), Array())
End Function
Public Function Sealed(title As String) As Boolean
    Dim s As Object
    Set s = Script("sealed")
    Sealed = s.invoke(Array(title), Array(), Array())
End Function
Public Function CallerKind() As String
    Dim s As Object
    Set s = Script("caller")
    CallerKind = s.invoke(Array(), Array(), Array())
End Function
Public Sub CancelKey(word As String)
    Dim s As Object
    Set s = Script("cancel_key")
    s.invoke Array(word), Array(), Array()
End Sub
Public Sub Enter(title As String)
    Dim s As Object
    Set s = Script("enter")
    s.invoke Array(title), Array(), Array()
End Sub
Public Function Active() As Object
    Dim s As Object, title As String
    Set s = Script("active")
    title = s.invoke(Array(), Array(), Array())
    Set Active = Nothing
    If title <> "" Then Set Active = Workbooks(title)
End Function
Public Function Click(callback As String, tag As String) As String
    Dim c As New FakeControl
    c.Tag = tag
    On Error GoTo oops
    If callback = "OnAction" Then XlplanRibbon.OnAction c
    Dim answer As Variant
    If callback = "GetEnabled" Then XlplanRibbon.GetEnabled c, answer
    If callback = "GetStatus" Then XlplanRibbon.GetStatus c, answer
    Click = CStr(answer)
    Exit Function
oops:
    Click = "ERROR " & Err.Number & " " & Err.Description
End Function
