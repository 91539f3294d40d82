// The extension: starts `eclexia lsp` and shows what its commands answer.

import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import { planReport } from "./command";
import { picturePage, textPage, withPolicy } from "./pages";
import { isAnswer, target, type Answer } from "./server";
import { tasks } from "./tasks";

/** Read-only documents with what commands answer. */
const SCHEME = "eclexia-answer";

type Handler = (words: readonly unknown[]) => Promise<void>;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const extension = new Extension();
  context.subscriptions.push(extension);
  context.subscriptions.push(vscode.tasks.registerTaskProvider("eclexia", tasks(command)));
  context.subscriptions.push(
    vscode.commands.registerCommand("eclexia.restart", () => extension.start()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => extension.start()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("eclexia.path")) {
        void extension.start();
      }
    }),
  );
  await extension.start();
}

/** The command as the settings name it. */
function command(): string {
  return vscode.workspace.getConfiguration("eclexia").get<string>("path") || "eclexia";
}

class Extension implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private started: Promise<void> = Promise.resolve();
  private readonly status = vscode.languages.createLanguageStatusItem("eclexia", {
    language: "eclexia",
  });
  private readonly answers = new Map<string, string>();
  private answered = 0;
  private readonly panels = new Map<string, vscode.WebviewPanel>();
  private readonly documents: vscode.Disposable[];
  /** Commands that the client has not registered, since the server does not offer them. */
  private own: vscode.Disposable[] = [];
  private readonly handlers: Record<string, Handler> = {
    "eclexia.plan": (words) => this.plan(words),
    "eclexia.whatIf": (words) => this.whatIf(words),
    "eclexia.graph": (words) => this.aboutDeployment("eclexia.graph", words, "svg"),
    "eclexia.expandMacro": () => this.aboutPlace("eclexia.expandMacro"),
    "eclexia.showIr": () => this.aboutPlace("eclexia.showIr"),
  };

  constructor() {
    this.status.name = "Eclexia";
    this.status.command = { title: "Restart", command: "eclexia.restart" };
    this.documents = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => this.answers.get(uri.toString()),
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.answers.delete(uri.toString())),
    ];
  }

  /** Starts the server, or starts it anew, one start after the other. */
  start(): Promise<void> {
    this.started = this.started.then(() => this.startNow());
    return this.started;
  }

  /** Without a server the commands are there all the same, and say so. */
  private async startNow(): Promise<void> {
    await this.stop();
    if (vscode.workspace.isTrusted) {
      const client = this.newClient();
      this.client = client;
      try {
        await client.start();
      } catch (problem) {
        this.say("not running", String(problem), vscode.LanguageStatusSeverity.Error);
      }
    } else {
      this.say("off", "This folder is not trusted.", vscode.LanguageStatusSeverity.Warning);
    }
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = Object.entries(this.handlers).filter(([name]) => !known.has(name));
    this.own = missing.map(([name, handler]) =>
      vscode.commands.registerCommand(name, (...words) => this.guarded(handler, words)),
    );
  }

  private async stop(): Promise<void> {
    this.own.forEach((registered) => registered.dispose());
    this.own = [];
    const client = this.client;
    this.client = undefined;
    if (client !== undefined && client.needsStop()) {
      await client.stop().catch(() => undefined);
    }
  }

  dispose(): Promise<void> {
    this.status.dispose();
    this.documents.forEach((registered) => registered.dispose());
    this.panels.forEach((panel) => panel.dispose());
    return this.stop();
  }

  private newClient(): LanguageClient {
    const client = new LanguageClient(
      "eclexia",
      "Eclexia",
      { command: command(), args: ["lsp"] },
      {
        // What commands answer is no program of the user's: it is not checked.
        documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "eclexia" })),
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        middleware: {
          executeCommand: (name, words, next) => {
            const handler = this.handlers[name];
            return handler === undefined ? next(name, words) : this.guarded(handler, words);
          },
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      const severity = vscode.LanguageStatusSeverity;
      if (newState === State.Running) {
        this.say("running", command(), severity.Information);
      } else if (newState === State.Starting) {
        this.say("starting", command(), severity.Information);
      } else {
        this.say("stopped", command(), severity.Warning);
      }
    });
    return client;
  }

  private say(text: string, detail: string, severity: vscode.LanguageStatusSeverity): void {
    this.status.text = `Eclexia: ${text}`;
    this.status.detail = detail;
    this.status.severity = severity;
  }

  /** What goes wrong is told, and is no bug of the extension. */
  private async guarded(handler: Handler, words: readonly unknown[]): Promise<void> {
    try {
      await handler(words);
    } catch (problem) {
      const text = problem instanceof Error ? problem.message : String(problem);
      void vscode.window.showErrorMessage(`Eclexia: ${text}`);
    }
  }

  private async plan(words: readonly unknown[]): Promise<void> {
    const { uri, name } = this.target(words);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    if (document.isUntitled || !(await document.save())) {
      throw new Error("save the file first: the planner reads it from disk");
    }
    const planning = { location: vscode.ProgressLocation.Window, title: "Planning" };
    const html = await vscode.window.withProgress(planning, () =>
      planReport(command(), document.uri.fsPath, name),
    );
    this.showPage("eclexia.plan", name === undefined ? "Plan" : `Plan of ${name}`, withPolicy(html));
  }

  private async whatIf(words: readonly unknown[]): Promise<void> {
    const edit = await vscode.window.showInputBox({
      title: "What if ...",
      prompt: "One thing changed, or an amount swept",
      placeHolder: "team.memory += 4GiB",
    });
    if (edit !== undefined && edit.trim() !== "") {
      await this.aboutDeployment("eclexia.whatIf", words, edit.trim());
    }
  }

  private async aboutDeployment(
    name: string,
    words: readonly unknown[],
    last: string,
  ): Promise<void> {
    const about = this.target(words);
    await this.ask(name, [about.uri, about.name ?? null, last]);
  }

  private async aboutPlace(name: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const { uri } = this.target([]);
    const place = editor?.selection.active ?? new vscode.Position(0, 0);
    await this.ask(name, [uri, { line: place.line, character: place.character }]);
  }

  private target(words: readonly unknown[]): { uri: string; name: string | undefined } {
    const editor = vscode.window.activeTextEditor;
    const active = editor?.document.languageId === "eclexia" ? editor.document.uri : undefined;
    const { uri, name } = target(words, active?.toString());
    if (uri === undefined) {
      throw new Error("open a program first, a file that ends in .ecl");
    }
    return { uri, name };
  }

  private async ask(name: string, words: unknown[]): Promise<void> {
    if (this.client === undefined || !this.client.isRunning()) {
      throw new Error("the language server is not running; see the setting `eclexia.path`");
    }
    const answer: unknown = await this.client.sendRequest("workspace/executeCommand", {
      command: name,
      arguments: words,
    });
    if (!isAnswer(answer)) {
      throw new Error("the language server has no answer to this; is it of another version?");
    }
    await this.show(name, answer);
  }

  private async show(name: string, answer: Answer): Promise<void> {
    if (answer.language === "svg") {
      this.showPage(name, answer.title, picturePage(answer.title, answer.text));
    } else if (answer.language === "text") {
      this.showPage(name, answer.title, textPage(answer.title, answer.text));
    } else {
      await this.showCode(name, answer);
    }
  }

  /** One panel for each command, used again. */
  private showPage(name: string, title: string, html: string): void {
    const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    let panel = this.panels.get(name);
    if (panel === undefined) {
      panel = vscode.window.createWebviewPanel(name, title, beside, { enableScripts: false });
      panel.onDidDispose(() => this.panels.delete(name));
      this.panels.set(name, panel);
    } else {
      panel.reveal(undefined, true);
    }
    panel.title = title;
    panel.webview.html = html;
  }

  /** Each answer has an address of its own, so that older ones stay as they are. */
  private async showCode(name: string, answer: Answer): Promise<void> {
    this.answered += 1;
    const ending = answer.language === "eclexia" ? "ecl" : "txt";
    const path = `/${this.answered}/${answer.title}.${ending}`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path, query: name });
    this.answers.set(uri.toString(), answer.text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside, true);
  }
}
