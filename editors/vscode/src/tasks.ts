// Tasks: `eclexia check`, `test` and `plan` for each folder, and what tasks.json says beyond them.

import * as vscode from "vscode";

const VERBS = ["check", "test", "plan"];

/** The provider of tasks; `command` names the command when a task is made. */
export function tasks(command: () => string): vscode.TaskProvider {
  const make = (
    definition: vscode.TaskDefinition,
    scope: vscode.WorkspaceFolder | vscode.TaskScope,
  ): vscode.Task => {
    const verb = String(definition.verb);
    const more: string[] = Array.isArray(definition.arguments) ? definition.arguments : [];
    const execution = new vscode.ProcessExecution(command(), [verb, ...more]);
    const task = new vscode.Task(definition, scope, verb, "eclexia", execution, "$eclexia");
    if (verb === "test") {
      task.group = vscode.TaskGroup.Test;
    } else if (verb === "check" || verb === "build") {
      task.group = vscode.TaskGroup.Build;
    }
    return task;
  };
  return {
    provideTasks: () =>
      (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
        VERBS.map((verb) => make({ type: "eclexia", verb }, folder)),
      ),
    resolveTask: (task) =>
      make(task.definition, task.scope ?? vscode.TaskScope.Workspace),
  };
}
