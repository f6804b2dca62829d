import type { TextIndexStatus } from '../../../ports/text-search.ts'
import { done, refused } from '../answer.ts'
import { type Verb, verb } from '../verb.ts'

const isOff = 'There is no index: FULL_TEXT_SEARCH is off. Searches read the mail.'

export const searchVerbs: Readonly<Record<string, Verb>> = {
  'search status': verb({
    summary: 'Tells how far the index of words is',
    takes: {},
    run: async ({ searchCare }) => {
      const status = await searchCare.status()
      return done(textOf(status), { ...status })
    },
  }),
  'search rebuild': verb({
    summary: 'Makes the index of words anew in the background; searches read the mail meanwhile',
    takes: {},
    run: async ({ searchCare }) => {
      const { state } = await searchCare.status()
      if (state === 'off') return refused(isOff)
      await searchCare.rebuild()
      return done(
        'The index is thrown away, and made anew while the server runs. Searches find everything meanwhile.',
      )
    },
  }),
}

function textOf({ state, messages, waiting, unread, bytes }: TextIndexStatus): string {
  if (state === 'off') return isOff
  const left = unread === 0 ? '' : ` ${unread} are read by each search, because nothing can be made of them.`
  return `${messages} messages are indexed, ${waiting} wait (${state}). The index has ${bytes} bytes.${left}`
}
