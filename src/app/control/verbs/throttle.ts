import { text } from '../../settings/kinds.ts'
import { done, refused } from '../answer.ts'
import { argument, type Verb, verb } from '../verb.ts'

export const throttleVerbs: Readonly<Record<string, Verb>> = {
  'throttle list': verb({
    summary: 'Lists who is locked out by failed sign-ins',
    takes: {},
    run: async ({ locks }) => {
      const rows = await locks.list()
      return {
        kind: 'table',
        columns: ['KIND', 'WHO', 'ONLY FROM', 'MINUTES LEFT'],
        rows: rows.map(({ kind, who, from = '', retryAfterSeconds }) => [
          kind,
          who,
          from,
          Math.ceil(retryAfterSeconds / 60),
        ]),
        json: rows,
      }
    },
  }),
  'throttle clear': verb({
    summary: 'Lets a login, or a network, try again at once',
    takes: { who: argument(text, 'A login, an IP address or a network of the list') },
    run: async ({ locks }, { who }) => {
      const cleared = await locks.clear(who)
      return cleared.kind === 'cleared'
        ? done(`${who} may try again.`, { cleared: who })
        : refused(`No failed sign-ins of ${who} are remembered.`)
    },
  }),
}
