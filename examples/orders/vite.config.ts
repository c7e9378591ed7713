import { defineConfig } from 'vite';

// The server that `make demo` starts, unless QUARTERMASTER_URL says otherwise. The page calls /graphql on its own origin and
// Vite passes that on, so no CORS is needed. In production put both behind one host name, or list the page's origin in the
// server's `cors_origins`.
const server = process.env['QUARTERMASTER_URL'] ?? 'http://127.0.0.1:8080';
const proxy = { '/graphql': { target: server } };

export default defineConfig({
  server: { host: '127.0.0.1', port: 5173, proxy },
  preview: { host: '127.0.0.1', port: 4173, proxy },
});
