import type { Clock } from '../../../ports/runtime.ts'
import type { Errand } from '../dnssec/chain.ts'
import { reason } from '../reasons.ts'
import { type Fetched, replyIn } from '../reply.ts'
import { type Name, root } from '../wire/name.ts'
import { ask } from './ask.ts'
import type { Exchange } from './exchange.ts'
import type { Servers } from './servers.ts'
import type { Server } from './stream.ts'

interface Means {
  readonly exchange: Exchange
  readonly servers: Servers
  readonly clock: Clock
}

const mostTries = 4

/** Lets other resolvers find it, plainly or over TLS. What they say is validated here like everything else. */
export async function fetchFrom(
  upstreams: readonly Server[],
  means: Means,
  question: { readonly name: Name; readonly type: number },
  errand: Errand,
): Promise<Fetched> {
  const { name, type } = question
  let left = upstreams
  let text = 'There is no resolver to ask.'
  for (let tries = 0; tries < mostTries; tries++) {
    const server = means.servers.pick(left)?.server
    if (!server) break
    const asked = await ask(means, { server, zone: root, name, type, recursive: true }, errand)
    const reply =
      asked.kind === 'message' &&
      replyIn(asked.message, name, type, { zone: root, recursive: true, server: server.ip })
    if (reply) return { kind: 'reply', reply }
    if (asked.kind === 'over') return { kind: 'failed', why: reason('noReachableAuthority', asked.text) }
    text = `The resolver ${server.ip} has no answer for ${name}.`
    means.servers.blame(server)
    left = left.length > 1 ? left.filter((each) => each !== server) : left
  }
  return { kind: 'failed', why: reason('noReachableAuthority', text) }
}
