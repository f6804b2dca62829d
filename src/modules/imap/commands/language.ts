import { always } from './command.ts'
import { done, no } from './replies.ts'

/** RFC 5255 §3.2: texts are in English, which is fine for those who have no better wish. */
const languages = ['en', 'i-default']

export const language = always({
  parse: (d) => {
    const wishes: string[] = []
    while (d.trySp()) wishes.push(d.astring().toLowerCase())
    return wishes
  },
  run: (session, wishes) => {
    if (wishes.length === 0) {
      session.out.line(`* LANGUAGE (${languages.join(' ')})`)
      return done()
    }
    const chosen = wishes.map(known).find((each) => each !== undefined)
    if (chosen === undefined) return no(undefined, 'Not to be had in that language')
    session.out.line(`* LANGUAGE (${chosen})`)
    return done()
  },
})

/** RFC 4647 §3.4: `en-gb` is served by `en`; RFC 5255 §3.3: `default` brings back the first one. */
function known(wish: string): string | undefined {
  if (wish === 'default' || wish === '*') return 'i-default'
  return languages.find((each) => wish === each || wish.startsWith(`${each}-`))
}
