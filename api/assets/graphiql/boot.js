// The token stands in the headers editor. A link may bring one behind the #, which never leaves the browser:
// /graphiql#token=eyJ…
const brought = new URLSearchParams(location.hash.slice(1)).get('token');
if (brought) history.replaceState(null, '', location.pathname + location.search);
const socket = new URL('/graphql', location.href);
socket.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql', subscriptionUrl: socket.href }),
    defaultHeaders: '{\n  "Authorization": "Bearer PASTE A TOKEN HERE"\n}',
    headers: brought ? JSON.stringify({ Authorization: 'Bearer ' + brought }, null, 2) : undefined,
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: true,
    defaultEditorToolsVisibility: 'headers',
    defaultQuery: '# Press the play button. Without a token only public fields answer.\n{\n  __typename\n}\n',
  }),
);
