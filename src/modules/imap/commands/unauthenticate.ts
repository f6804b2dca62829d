import { nothing, signedIn } from './command.ts'
import { ok } from './replies.ts'

/** RFC 8437 §3: the connection stays, TLS and compression with it; who was signed in does not. */
export const unauthenticate = signedIn({
  needs: [],
  hazards: { changesMailbox: true },
  parse: nothing,
  run: ({ session }) => {
    session.forgetUser()
    return ok('Nobody is signed in now')
  },
})
