import { LRUCache } from 'lru-cache'
import type { OAuthRequests } from '../../../ports/oauth.ts'
import type { Clock } from '../../../ports/runtime.ts'

type What = Parameters<OAuthRequests['wait']>[0]

/** In a minute. A code that is typed has 34 bits and ten minutes; the others are about load: what they carry cannot be guessed. */
const mostPerMinute: Readonly<Record<What, number>> = { token: 120, device: 10, 'user code': 5, page: 60 }
const remembered = 20_000
const minuteMs = 60_000

/** Bounded: of many names that ask, those that have not asked for longest are forgotten. */
export function createOAuthRequests(clock: Clock): OAuthRequests {
  const counts = new LRUCache<string, { readonly since: number; readonly count: number }>({ max: remembered })
  return {
    wait: async (what, who) => {
      const now = clock.now()
      const key = `${what} ${who}`
      const before = counts.get(key)
      const current = before && before.since + minuteMs > now ? before : { since: now, count: 0 }
      if (current.count >= mostPerMinute[what]) return Math.ceil((current.since + minuteMs - now) / 1000)
      counts.set(key, { ...current, count: current.count + 1 })
      return 0
    },
  }
}
