import type { WebSocketRoute } from "playwright-core";
import type { Participant, ServerFrame } from "../../src/protocol/messages.gen";
import type { Person } from "./person";

export type Change = (frame: ServerFrame) => readonly ServerFrame[];

export const nothing: Change = (frame) => [frame];

/** Somebody between one browser and the real rendezvous, who changes at will what this one says. */
export class Enemy {
  change = nothing;
  /** The browser does not hear that the real rendezvous has hung up. */
  holdsOn = false;
  #near: WebSocketRoute | undefined;
  #self: Participant | undefined;

  static async before({ page }: Person): Promise<Enemy> {
    const enemy = new Enemy();
    await page.routeWebSocket(/\/signal$/, (near) => {
      enemy.#near = near;
      const far = near.connectToServer();
      far.onClose((code, reason) => {
        enemy.holdsOn ||
          near.close({
            ...(code !== undefined && { code }),
            ...(reason !== undefined && { reason }),
          });
      });
      far.onMessage((text) => {
        const frame = JSON.parse(String(text)) as ServerFrame;
        enemy.#self = frame.type === "welcome" ? frame.self : enemy.#self;
        for (const each of enemy.change(frame)) {
          near.send(JSON.stringify(each));
        }
      });
    });
    return enemy;
  }

  /** Says what the real rendezvous never said; without a number it upsets no count. */
  say(frame: ServerFrame): void {
    this.#near?.send(JSON.stringify(frame));
  }

  /** The participant that it stands before, as the real rendezvous shows it. */
  get victim(): Participant {
    if (this.#self === undefined) {
      throw new Error("nobody is there to be lied about");
    }
    return this.#self;
  }
}
