import { nextTurn } from '../../../platform/next-turn.ts'
import type { Session } from '../session/session.ts'
import { type Shifting, tellNews } from './news.ts'

/**
 * While the client says nothing: changes of one moment are told together; a client that does not read hears of them when it does.
 * Gives back what ends it.
 */
export function tellAtOnce(session: Session, shifting: Shifting): () => Promise<void> {
  let isDue = false
  let stopped = false
  const tell = async (): Promise<void> => {
    try {
      while (isDue && !stopped) {
        await nextTurn()
        if (session.out.behind) await session.ready()
        isDue = false
        if (stopped) return
        await tellNews(session, shifting)
        session.flush()
      }
    } catch (error) {
      session.services.log.error('imap.telling-failed', error, { connection: session.connection.id })
      session.leave('Something went wrong here')
    } finally {
      session.telling = undefined
    }
  }
  const begin = (): void => {
    isDue = true
    session.telling ??= tell()
  }
  session.onNews = begin
  // What happened since the client was last told.
  if (session.notify?.hasNews || session.selected?.numbering.hasNews) begin()
  return async () => {
    stopped = true
    session.onNews = undefined
    await session.telling
  }
}
