import { Environment, Network, Observable, RecordSource, Store, type FetchFunction, type SubscribeFunction } from "relay-runtime";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { bearer, fetchAs, socketUrl, url } from "../world.ts";

/** A Relay environment of whoever has this token, which counts its requests. */
export function environment(token: string) {
  const fetch = fetchAs(token);
  const ask: FetchFunction = async ({ text, name }, variables) => {
    const body = JSON.stringify({ query: text, operationName: name, variables });
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return response.json();
  };
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: bearer(token) });
  const listen: SubscribeFunction = ({ text, name }, variables) =>
    Observable.create((sink) => {
      const to = { next: (value: unknown) => sink.next(value as never), error: sink.error, complete: sink.complete };
      return socket.subscribe({ query: text!, operationName: name, variables }, to);
    });
  const relay = new Environment({ network: Network.create(ask, listen), store: new Store(new RecordSource()) });
  return { relay, calls: fetch.calls, stop: () => socket.dispose() };
}
