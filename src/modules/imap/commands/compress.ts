import { signedIn } from './command.ts'
import { bad, no, ok } from './replies.ts'

/** RFC 4978 §3. What follows the tagged response is compressed, and so is what the client says from then on. */
export const compress = signedIn({
  needs: [],
  parse: (d) => d.sp().keyword('algorithm'),
  run: ({ session }, algorithm) => {
    if (algorithm !== 'DEFLATE') return bad('DEFLATE is the algorithm that is known here')
    if (session.compressed) return no('COMPRESSIONACTIVE', 'Compression is on already')
    session.afterReply = async () => session.compress()
    return ok('Compression begins')
  },
})
