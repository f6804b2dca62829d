import { html } from 'hono/html'
import type { Said } from '../../lib/filled-text.ts'
import { reasonIn } from '../texts/texts.ts'
import type { Content, Frame } from './page.ts'

/** In the words of the page's language; undefined where it is none of ours: whoever gave it said it in English. */
export const reason = (
  { language }: Frame,
  key: string,
  values?: Readonly<Record<string, string>>,
): string | undefined => reasonIn(language, key, values)

export const inEnglish = (text: string): Content => html`<span lang="en">${text}</span>`

/** What is noted in English, in the language of the page where it is noted by its key, too. */
export const sentenceOf = (frame: Frame, text: string, said: Said | undefined): Content =>
  html`${(said && reason(frame, said.key, said.values)) ?? inEnglish(text)}`
