import type { Ran, TestServer } from './server.ts'

/** The server visits by itself, too: then it is asked again. */
export async function runFetch({ homepost }: TestServer, id: string): Promise<Ran> {
  for (;;) {
    const ran = await homepost(['fetch', 'run', id])
    if (!ran.stderr.includes('It is being looked into')) return ran
  }
}

/** What all visits so far have taken, and left there, whoever asked for them. */
export function visited(
  { output }: TestServer,
  id: string,
): { readonly taken: number; readonly left: number } {
  const visits = output()
    .split('\n')
    .filter((line) => line.includes('"fetch.visited"'))
    .map((line) => JSON.parse(line) as { fetch: number; taken: number; left: number })
    .filter(({ fetch }) => fetch === Number(id))
  const sum = (what: 'taken' | 'left') => visits.reduce((before, visit) => before + visit[what], 0)
  return { taken: sum('taken'), left: sum('left') }
}
