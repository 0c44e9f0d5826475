import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "./eventually";

/** What a program prints with `--json`, a line each. */
export interface Told {
  readonly event: string;
  readonly [member: string]: unknown;
}

/** A `parley-node` with an identity and a folder of its own. */
export class NodeProgram {
  /** Its peer ID. */
  readonly id: string;
  readonly folder: string;
  readonly lines: string[] = [];
  readonly #program: string;
  #process: ChildProcess | undefined;

  constructor(program: string) {
    this.#program = program;
    this.folder = mkdtempSync(join(tmpdir(), "parley-node-"));
    this.id = String(this.#ask("identity")["peer_id"]);
  }

  /** Runs a command until it is stopped or killed. */
  start(...words: string[]): void {
    this.#process = spawn(this.#program, this.#words(words), { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream && createInterface({ input: stream }).on("line", (line) => this.lines.push(line));
    }
  }

  /** Waits until it has told an event of that name. */
  async tells(event: string): Promise<void> {
    await eventually(
      `parley-node tells "${event}"`,
      async () => this.lines.slice(-5),
      () => this.#told().some((told) => told.event === event),
    );
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it in order and removes its folder. */
  async close(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #words(words: readonly string[]): string[] {
    return [...words, "--json", "--identity", join(this.folder, "identity.pem")];
  }

  #ask(...words: string[]): Told {
    const out = execFileSync(this.#program, this.#words(words), { encoding: "utf8" });
    return JSON.parse(out.split("\n")[0] ?? "{}") as Told;
  }

  #told(): Told[] {
    return this.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Told);
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const exited = once(child, "exit");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await exited;
    clearTimeout(timer);
  }
}
