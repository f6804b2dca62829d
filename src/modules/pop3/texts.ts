/** The languages of our responses, each named in itself. RFC 6856 §3. */
export const languages = { en: 'English', de: 'Deutsch' } as const

export type Language = keyof typeof languages

/** Every text that a client may show to people. `{}` is filled in. Without LANG they are English and ASCII. */
const texts = {
  greeting: { en: '{} Homepost ready', de: '{} Homepost ist bereit' },
  goodbye: { en: 'Until next time', de: 'Bis zum nächsten Mal' },
  removed: { en: '{} messages removed', de: '{} Nachrichten entfernt' },
  capabilities: { en: 'What is offered here', de: 'Was es hier gibt' },
  languages: { en: 'Languages', de: 'Sprachen' },
  language: { en: '{} Language changed', de: '{} Sprache gewechselt' },
  unknownLanguage: { en: 'This language is not spoken here', de: 'Diese Sprache spricht hier niemand' },
  utf8: { en: 'UTF-8 it is', de: 'Ab jetzt UTF-8' },
  startTls: { en: 'Begin TLS now', de: 'Jetzt TLS beginnen' },
  tlsAlready: { en: 'TLS is on already', de: 'TLS läuft schon' },
  noTls: { en: 'TLS is not to be had here', de: 'TLS gibt es hier nicht' },
  needsTls: { en: 'Start TLS first: STLS', de: 'Erst TLS beginnen: STLS' },
  name: { en: 'Now the password', de: 'Jetzt das Passwort' },
  nameFirst: { en: 'Say USER first', de: 'Erst USER sagen' },
  mechanisms: { en: 'Ways to sign in', de: 'Wege sich anzumelden' },
  unknownMechanism: { en: 'This mechanism is not known here', de: 'Dieses Verfahren gibt es hier nicht' },
  cancelled: { en: 'Cancelled', de: 'Abgebrochen' },
  noBase64: { en: 'This is no base64', de: 'Das ist kein Base64' },
  notOfMechanism: {
    en: 'This is not what the mechanism expects',
    de: 'Das ist nicht, was das Verfahren erwartet',
  },
  expired: {
    en: 'Choose a new password in your browser first',
    de: 'Bitte erst im Browser ein neues Passwort wählen',
  },
  needsPassword: {
    en: 'The mail is still on another server; sign in with the password itself',
    de: 'Die Mail liegt noch auf einem anderen Server; bitte mit dem Passwort selbst anmelden',
  },
  refused: { en: 'Wrong address or password', de: 'Falsche Adresse oder falsches Passwort' },
  throttled: {
    en: 'Too many attempts; wait {} seconds',
    de: 'Zu viele Versuche; bitte {} Sekunden warten',
  },
  inUse: {
    en: 'Another program has this mailbox open by POP3; try again when it is done',
    de: 'Ein anderes Programm hat dieses Postfach per POP3 offen; später noch einmal versuchen',
  },
  notThereYet: {
    en: 'The mailbox is not ready; try again later',
    de: 'Das Postfach ist noch nicht bereit; später noch einmal versuchen',
  },
  welcome: { en: '{} messages, {} octets', de: '{} Nachrichten, {} Oktette' },
  counts: { en: '{} {}', de: '{} {}' },
  octets: { en: '{} octets', de: '{} Oktette' },
  top: { en: 'The top of it', de: 'Der Anfang davon' },
  deleted: { en: 'Marked to be removed at QUIT', de: 'Wird mit QUIT entfernt' },
  noSuchMessage: { en: 'No such message', de: 'Keine solche Nachricht' },
  gone: { en: 'Removed by another program', de: 'Von einem anderen Programm entfernt' },
  still: { en: 'Still here', de: 'Noch da' },
  unknownCommand: { en: 'Unknown command', de: 'Unbekannter Befehl' },
  signInFirst: { en: 'Sign in first', de: 'Erst anmelden' },
  signedInAlready: { en: 'Not while signed in', de: 'Nicht nach der Anmeldung' },
  badSyntax: { en: '{}', de: '{}' },
  tooLong: { en: 'The line is too long', de: 'Die Zeile ist zu lang' },
  later: {
    en: 'Nothing was removed: {}',
    de: 'Nichts wurde entfernt: {}',
  },
  trouble: { en: '{}', de: '{}' },
  restarting: {
    en: 'The service restarts; come back in a minute',
    de: 'Der Dienst startet neu; gleich noch einmal versuchen',
  },
  tooManyMistakes: {
    en: 'Too many commands that make no sense',
    de: 'Zu viele Befehle, die keinen Sinn ergeben',
  },
  tooManyLogins: { en: 'Too many attempts to sign in', de: 'Zu viele Versuche sich anzumelden' },
  fault: {
    en: 'Something went wrong here; it is logged under {}',
    de: 'Hier ist etwas schiefgegangen; es steht im Protokoll unter {}',
  },
} as const satisfies Record<string, Readonly<Record<Language, string>>>

export type TextKey = keyof typeof texts

export function textIn(language: Language, key: TextKey, values: readonly (string | number)[]): string {
  let at = 0
  return texts[key][language].replace(/\{\}/g, () => String(values[at++] ?? ''))
}

/** RFC 4647 §3.4: a range is shortened until a language fits; `*` is ours. */
export function languageFor(range: string): Language | undefined {
  if (range === '*') return 'en'
  for (let tag = range.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    if (tag === 'en' || tag === 'de') return tag
  }
  return undefined
}
