import { print, type DocumentNode } from '@0no-co/graphql.web';
import type { TadaDocumentNode } from 'gql.tada';

/** Why a request has no answer. Expected refusals are no failures: they come as `userErrors` of the payload. */
export type Failure =
  | { kind: 'unreachable' }
  | { kind: 'signed-out' }
  | { kind: 'later'; seconds: number }
  | { kind: 'error'; code: string; message: string };

export class RequestFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

const PATIENCE_MS = 30_000;

export class Client {
  constructor(private readonly token: string) {}

  /**
   * Asks the server. Give a mutation an idempotency key, and the same key when you repeat it: however often it arrives, it is
   * done once, and every repeat gets the first answer.
   */
  async ask<Data, Variables>(
    document: TadaDocumentNode<Data, Variables>,
    variables: Variables,
    idempotencyKey?: string,
  ): Promise<Data> {
    const headers: Record<string, string> = {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
    };
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const body = JSON.stringify({ query: print(document as DocumentNode), variables });
    let response: Response;
    let answer: Answer<Data>;
    try {
      response = await fetch('/graphql', { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
      answer = (await response.json()) as Answer<Data>;
    } catch {
      // No connection, no answer in time, or one that is not JSON: it came from something on the way, not from the API.
      throw new RequestFailed({ kind: 'unreachable' });
    }
    const error = answer.errors?.[0];
    if (error !== undefined) throw new RequestFailed(failure(response, error));
    if (answer.data === undefined || answer.data === null) throw new RequestFailed({ kind: 'unreachable' });
    return answer.data;
  }
}

/** Decides by the code, which is stable; the message is for people. */
function failure(response: Response, error: { message: string; extensions?: { code?: string } }): Failure {
  const code = error.extensions?.code ?? 'INTERNAL';
  switch (code) {
    case 'UNAUTHENTICATED':
      return { kind: 'signed-out' };
    case 'RATE_LIMITED':
    case 'UNAVAILABLE':
      return { kind: 'later', seconds: Number(response.headers.get('retry-after') ?? 5) };
    default:
      return { kind: 'error', code, message: error.message };
  }
}

/** What a failure means for whoever sits in front of the page. */
export function sentence(failure: Failure): string {
  switch (failure.kind) {
    case 'unreachable':
      return 'The server cannot be reached. Nothing is lost: try again.';
    case 'signed-out':
      return 'Your token is not valid any more. Sign in again.';
    case 'later':
      return `The server asks for patience. Try again in ${failure.seconds} seconds.`;
    case 'error':
      return `${failure.message} (${failure.code})`;
  }
}

/** Runs what may fail, and gives the failure instead of throwing it. */
export async function attempt<Data>(work: Promise<Data>): Promise<{ data: Data } | { failure: Failure }> {
  try {
    return { data: await work };
  } catch (error) {
    if (error instanceof RequestFailed) return { failure: error.failure };
    throw error;
  }
}
