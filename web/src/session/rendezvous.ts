/**
 * The rendezvous' HTTP routes, as calls that never throw: an answer, or the
 * trouble that the rendezvous or the network told.
 */
import {
  type ChangeRequest,
  type CreateResponse,
  decodeCreateResponse,
  decodeInvitationResponse,
  decodeJoinResponse,
  decodeMyMeetingsResponse,
  decodeProblem,
  decodeRenewResponse,
  type InvitationResponse,
  type JoinRequest,
  type JoinResponse,
  type MyMeetingsResponse,
  type RenewResponse,
} from "../protocol/codec";
import type { Identity } from "./identity";
import type { Result, Trouble } from "./model";

const timeoutMillis = 15_000;
/** A clock that is this far off makes bearer tokens that nobody accepts. */
const clockToleranceMillis = 30_000;

interface Call<T> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly decode: (text: string) => T;
}

export class Rendezvous {
  readonly #origin: string;
  readonly #identity: () => Promise<Identity>;
  /** How far the rendezvous' clock is ahead of ours, when that mattered. */
  #ahead = 0;

  constructor(origin: string, identity: () => Promise<Identity>) {
    this.#origin = origin;
    this.#identity = identity;
  }

  create(title: string): Promise<Result<CreateResponse>> {
    const decode = decodeCreateResponse;
    return this.#call({ method: "POST", path: "/meetings/create", body: { title }, decode });
  }

  invitation(token: string): Promise<Result<InvitationResponse>> {
    const path = `/meetings/invitation/${encodeURIComponent(token)}`;
    return this.#call({ method: "GET", path, decode: decodeInvitationResponse });
  }

  join(request: JoinRequest): Promise<Result<JoinResponse>> {
    const decode = decodeJoinResponse;
    return this.#call({ method: "POST", path: "/meetings/join", body: request, decode });
  }

  myMeetings(after: string | undefined): Promise<Result<MyMeetingsResponse>> {
    const query = after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
    const path = `/meetings/my-meetings${query}`;
    return this.#call({ method: "GET", path, decode: decodeMyMeetingsResponse });
  }

  remove(meetingId: string): Promise<Result<undefined>> {
    const path = `/meetings/${encodeURIComponent(meetingId)}`;
    return this.#call({ method: "DELETE", path, decode: () => undefined });
  }

  change(meetingId: string, body: ChangeRequest): Promise<Result<undefined>> {
    const path = `/meetings/${encodeURIComponent(meetingId)}`;
    return this.#call({ method: "PATCH", path, body, decode: () => undefined });
  }

  renew(meetingId: string): Promise<Result<RenewResponse>> {
    const path = `/meetings/${encodeURIComponent(meetingId)}/invitation`;
    return this.#call({ method: "POST", path, body: {}, decode: decodeRenewResponse });
  }

  async #call<T>(call: Call<T>): Promise<Result<T>> {
    try {
      let response = await this.#fetch(call);
      if (response.status === 401 && this.#corrected(response)) {
        response = await this.#fetch(call);
      }
      const text = await response.text();
      return response.ok
        ? { ok: true, value: call.decode(text) }
        : { ok: false, trouble: troubleOf(text, Date.now()) };
    } catch (error) {
      const network = error instanceof TypeError || error instanceof DOMException;
      return { ok: false, trouble: { code: network ? "network" : "unknown" } };
    }
  }

  async #fetch({ method, path, body }: Call<unknown>): Promise<Response> {
    const identity = await this.#identity();
    const bearer = await identity.bearer(this.#origin, Date.now() + this.#ahead);
    return fetch(`${this.#origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(timeoutMillis),
    });
  }

  /** Many devices' clocks are wrong; the rendezvous' own time makes their tokens good. */
  #corrected(response: Response): boolean {
    const date = Date.parse(response.headers.get("date") ?? "");
    const ahead = date - Date.now();
    if (!(Math.abs(ahead - this.#ahead) > clockToleranceMillis)) {
      return false;
    }
    this.#ahead = ahead;
    return true;
  }
}

/** The trouble in a problem document (RFC 9457); its type ends in the code. */
export function troubleOf(text: string, now: number): Trouble {
  try {
    const { type, detail, field, retry_after } = decodeProblem(text);
    return {
      code: type.slice(type.lastIndexOf("/") + 1),
      detail,
      ...(field !== undefined && { field }),
      ...(retry_after !== undefined && { retryAt: now + retry_after * 1000 }),
    };
  } catch {
    return { code: "unavailable" }; // a proxy's page, most likely
  }
}
