declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Without a path it keeps its items in memory. */
  export default function dynalite(options: { readonly createTableMs: number }): Server;
}
