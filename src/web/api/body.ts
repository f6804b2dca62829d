import { gather } from '../../lib/gather.ts'

/** Undefined where there is more than `most` bytes. Nothing beyond is kept. */
export async function bodyText(request: Request, most: number): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > most) return undefined
  return request.body ? (await gather(request.body, most))?.toString('utf8') : ''
}
