/** The languages of our pages, in their own words: for the choice at the foot of each page. */
export const languages = {
  be: 'Беларуская',
  ca: 'Català',
  cs: 'Čeština',
  da: 'Dansk',
  de: 'Deutsch',
  en: 'English',
  es: 'Español',
  eu: 'Euskara',
  fr: 'Français',
  is: 'Íslenska',
  it: 'Italiano',
  hu: 'Magyar',
  nl: 'Nederlands',
  nb: 'Norsk bokmål',
  pl: 'Polski',
  pt: 'Português',
  ru: 'Русский',
  sv: 'Svenska',
  uk: 'Українська',
  he: 'עברית',
  fa: 'فارسی',
  ja: '日本語',
  zh: '中文（简体）',
  'zh-TW': '中文（繁體）',
} as const
export type Language = keyof typeof languages

export const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name)

/** Other names of what we have. */
const others: Readonly<Record<string, Language>> = { no: 'nb', nn: 'nb', iw: 'he' }

/** Of a tag as browsers send it and Mailu names it: `de-CH`, `zh_TW`. */
export function languageOf(tag: string): Language | undefined {
  const small = tag.toLowerCase().replaceAll('_', '-')
  if (/^zh-(?:.*-)?(?:hant|tw|hk|mo)\b/.test(small)) return 'zh-TW'
  const [name = ''] = small.split('-')
  const known = others[name] ?? name
  return isLanguage(known) ? known : undefined
}
