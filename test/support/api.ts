import type { TestServer } from './server.ts'

/** What a script sees of an answer. */
export interface ApiAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

/** Speaks to the API of a server without TLS, with API_TOKEN `apitest` unless told otherwise. */
export function apiOf(server: TestServer, authorization: string | undefined = 'Bearer apitest') {
  return async (
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> => {
    const headers = {
      ...(authorization !== '' && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...more,
    }
    const answer = await fetch(`http://127.0.0.1:${server.ports.http}/api${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  }
}
