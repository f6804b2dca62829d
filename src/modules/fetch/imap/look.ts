import { foldersOf, type Job } from '../job.ts'
import type { Place } from '../reach.ts'
import { troubles } from '../trouble.ts'
import { imapTrouble, signIn } from './client.ts'

const mostFolders = 500

/** What is there; changes nothing. */
export async function lookByImap(
  place: Place,
  job: Pick<Job, 'tls' | 'username' | 'password' | 'folders'>,
  signal: AbortSignal,
): Promise<{ readonly messages: number; readonly folders: readonly string[] }> {
  const client = await signIn(place, job, signal)
  try {
    const listed = await client.list()
    const folders = listed
      .filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'))
      .map(({ path }) => path)
      .slice(0, mostFolders)
    let messages = 0
    for (const { there } of foldersOf(job.folders)) {
      if (there.toUpperCase() !== 'INBOX' && !folders.includes(there)) throw troubles.folder(place, there)
      const status = await client.status(there, { messages: true })
      if (status) messages += status.messages ?? 0
    }
    await client.logout()
    return { messages, folders }
  } catch (cause) {
    throw imapTrouble(cause, place)
  } finally {
    client.close()
  }
}
