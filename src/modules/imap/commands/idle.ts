import { tellNews } from '../selected/news.ts'
import { tellAtOnce } from '../selected/tell-at-once.ts'
import { nothing, signedIn } from './command.ts'
import { bad, ok } from './replies.ts'

/** RFC 2177: the server speaks whenever something happens, until the client says DONE. */
export const idle = signedIn({
  needs: [],
  parse: nothing,
  run: async ({ session }) => {
    session.out.line('+ idling')
    await tellNews(session, 'may')
    session.flush()
    const stopTelling = tellAtOnce(session, 'may')
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
