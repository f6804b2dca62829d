import type { Job } from '../job.ts'
import type { Place } from '../reach.ts'
import { Pop3Client } from './client.ts'

/** What is there; changes nothing. */
export async function lookByPop3(
  place: Place,
  { tls, username, password }: Pick<Job, 'tls' | 'username' | 'password'>,
  signal: AbortSignal,
): Promise<{ readonly messages: number; readonly folders: readonly string[] }> {
  const client = await Pop3Client.open(place, tls, signal)
  try {
    await client.signIn(username, password)
    const { size } = await client.sizes()
    await client.quit()
    return { messages: size, folders: [] }
  } finally {
    client.close()
  }
}
