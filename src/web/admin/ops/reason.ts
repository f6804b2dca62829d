import { html } from 'hono/html'
import type { Content, Frame } from '../../site/page.ts'
import { reasonIn } from '../../texts/texts.ts'

/** In the words of the page's language; undefined where it is none of ours: whoever gave it said it in English. */
export const reason = (
  { language }: Frame,
  key: string,
  values?: Readonly<Record<string, string>>,
): string | undefined => reasonIn(language, key, values)

export const inEnglish = (text: string): Content => html`<span lang="en">${text}</span>`
