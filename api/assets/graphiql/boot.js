// The token stands in the headers editor. A link may bring one behind the #, which never leaves the browser, and a query:
// /graphiql?query={viewer{displayName}}#token=eyJ…
const brought = new URLSearchParams(location.hash.slice(1)).get('token');
if (brought) history.replaceState(null, '', location.pathname + location.search);
const socket = new URL('/graphql', location.href);
socket.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql', subscriptionUrl: socket.href }),
    // Without a header the schema can be read; with one that is no token, nothing can.
    defaultHeaders: '{}',
    query: new URLSearchParams(location.search).get('query') ?? undefined,
    headers: brought ? JSON.stringify({ Authorization: 'Bearer ' + brought }, null, 2) : undefined,
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: true,
    defaultEditorToolsVisibility: 'headers',
    defaultQuery: '# Headers, below: { "Authorization": "Bearer …" }\n# Without a token only public fields answer.\n{\n  __typename\n}\n',
  }),
);
