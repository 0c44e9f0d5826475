import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const startLimit = 20_000;
const stopLimit = 15_000;

/** A running `parley-rendezvous` with a data folder of its own. */
export class Rendezvous {
  /** Where it is reached; the same after a restart. */
  readonly url: string;
  /** Everything that it printed, both streams, in order. */
  readonly lines: string[];
  readonly #program: string;
  readonly #data: string;
  readonly #flags: readonly string[];
  #process: ChildProcess;

  private constructor(
    program: string,
    data: string,
    flags: readonly string[],
    started: Started,
    lines: string[],
  ) {
    this.#program = program;
    this.#data = data;
    this.#flags = flags;
    this.#process = started.process;
    this.url = started.url;
    this.lines = lines;
  }

  /** Starts one on a free port, with further command line flags. */
  static async start(program: string, flags: readonly string[] = []): Promise<Rendezvous> {
    const data = mkdtempSync(join(tmpdir(), "parley-data-"));
    const lines: string[] = [];
    const started = await start(program, "127.0.0.1:0", data, flags, lines);
    return new Rendezvous(program, data, flags, started, lines);
  }

  /** Ends it as a crash would: nothing is told, nothing is flushed. */
  async kill(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }

  /** Starts it again at the same address with the same data. */
  async restart(): Promise<void> {
    const listen = `127.0.0.1:${new URL(this.url).port}`;
    const started = await start(this.#program, listen, this.#data, this.#flags, this.lines);
    this.#process = started.process;
  }

  /** Ends it in order and removes its data. */
  async close(): Promise<void> {
    await end(this.#process, "SIGTERM");
    rmSync(this.#data, { recursive: true, force: true });
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Resolves once the program has printed an address at which it answers. */
function start(
  program: string,
  listen: string,
  data: string,
  flags: readonly string[],
  lines: string[],
): Promise<Started> {
  // A restart takes the same port again; the one after it may be somebody else's by then.
  const serve = ["serve", "--listen", listen, "--relay-listen", "127.0.0.1:0", "--data", data];
  const child = spawn(program, [...serve, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    const give = (error: Error) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(error);
    };
    const timer = setTimeout(
      () => give(new Error(`the rendezvous printed no address:\n${lines.join("\n")}`)),
      startLimit,
    );
    const read = (line: string) => {
      lines.push(line);
      const url = /https?:\/\/(?:localhost|127\.0\.0\.1):[1-9]\d*/.exec(line)?.[0];
      if (url !== undefined) {
        clearTimeout(timer);
        ready(url, startLimit).then(() => resolve({ process: child, url }), give);
      }
    };
    child.once("error", give);
    child.once("exit", (code, signal) =>
      give(new Error(`the rendezvous ended with ${code ?? signal}:\n${lines.join("\n")}`)),
    );
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
  });
}

async function ready(url: string, limit: number): Promise<void> {
  const deadline = Date.now() + limit;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`${url}/readyz does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), stopLimit);
  await exited;
  clearTimeout(timer);
}
