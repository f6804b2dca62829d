import { tellNews } from '../selected/news.ts'
import type { Session } from '../session/session.ts'
import { nothing, signedIn } from './command.ts'
import { bad, ok } from './replies.ts'

/** RFC 2177: the server speaks whenever something happens, until the client says DONE. */
export const idle = signedIn({
  parse: nothing,
  run: async ({ session }) => {
    session.out.line('+ idling')
    await tellNews(session, { mayShift: true })
    session.flush()
    const stopTelling = tellAtOnce(session)
    session.waiting = true
    const line = session.leaving === undefined ? await session.reader.line(100) : undefined
    session.waiting = false
    await stopTelling()
    if (!line) {
      session.over = session.leaving === undefined
      return ok('IDLE ended')
    }
    return line.text.toUpperCase() === 'DONE' ? ok('IDLE completed') : bad('Expected DONE')
  },
})

/** Changes of one moment are told together; a client that does not read hears of them when it does. */
function tellAtOnce(session: Session): () => Promise<void> {
  let telling: Promise<void> | undefined
  let stopped = false
  const tell = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (session.out.behind) await session.ready()
    telling = undefined
    if (stopped) return
    await tellNews(session, { mayShift: true })
    session.flush()
  }
  const begin = (): void => {
    telling ??= tell().catch((error: unknown) => {
      session.services.log.error('imap.idle-failed', error, { connection: session.connection.id })
      session.leave('Something went wrong here')
    })
  }
  session.onNews = begin
  return async () => {
    stopped = true
    session.onNews = undefined
    await telling
  }
}
