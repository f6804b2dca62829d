import { readFileSync } from 'node:fs'
import i18next, { type TFunction } from 'i18next'
import { filled, type TextValues } from '../../lib/filled-text.ts'
import { type Language, languageOf } from '../../lib/page-languages.ts'

/** The words of a page in one language. Keys are those of `en.json`; a number named `count` chooses the plural. */
export type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string

export const directionOf = (language: Language): 'ltr' | 'rtl' =>
  language === 'he' || language === 'fa' ? 'rtl' : 'ltr'

/** How days and numbers are written: our Portuguese is that of Portugal. */
export const localeOf = (language: string): string => (language === 'pt' ? 'pt-PT' : language)

const kept = new Map<Language, TFunction>()

export function textsIn(language: Language): Texts {
  const texts = kept.get(language) ?? load(language)
  kept.set(language, texts)
  const numbers = new Intl.NumberFormat(localeOf(language))
  return (key, values = {}) => {
    const { count } = values
    // Chooses the plural as a number, and is written in the digits of the language.
    return typeof count === 'number'
      ? texts(key, { count, replace: { ...values, count: numbers.format(count) } })
      : texts(key, values)
  }
}

function load(language: Language): TFunction {
  const instance = i18next.createInstance()
  void instance.init({
    lng: language,
    fallbackLng: false,
    // What is not translated is never shown: a test finds it.
    resources: { [language]: { translation: catalogue(language) } },
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // Pages escape all that they show.
    interpolation: { escapeValue: false },
  })
  return instance.t
}

/** `reasons`: why something was judged as it was; read when the first page shows one. */
export function catalogue(
  language: Language,
  folder: '' | 'reasons/' = '',
): Readonly<Record<string, string>> {
  const file = new URL(`./${folder}${language}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
}

const keptReasons = new Map<Language, Readonly<Record<string, string>>>()

/** A reason by its key: a symbol of the filter, or the like. Undefined where it is none of ours. */
export function reasonIn(language: Language, key: string, values: TextValues = {}): string | undefined {
  const texts = keptReasons.get(language) ?? catalogue(language, 'reasons/')
  keptReasons.set(language, texts)
  if (!Object.hasOwn(texts, key)) return undefined
  return filled(texts[key] ?? '', values)
}

/** The first of ours that a browser asks for, or another where it asks for none. RFC 9110 §12.5.4 */
export function languageAskedFor(header: string, otherwise: Language): Language {
  const asked = header
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const quality = parameters.map((each) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/.exec(each)?.[1]).find(Boolean)
      return { language: languageOf(tag), quality: Number(quality ?? 1) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
  return asked.find(({ language }) => language !== undefined)?.language ?? otherwise
}
