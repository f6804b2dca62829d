import { firstPart, ownPaths } from './own-paths.ts'

/** A web application beside us that is reached under our name. */
export interface AttachedApp {
  /** `/roundcube`: where it is here. Everything below it, too. */
  readonly path: string
  /** What stands in the place of `path` when it is asked: `http://127.0.0.1:8080/`. */
  readonly target: URL
  /**
   * Whom it is for. To those who are signed in it is told who they are; `mail` gives it a password as well, with which it reads
   * and sends their mail on the ports for attached applications.
   */
  readonly access: 'open' | 'user' | 'mail' | 'admin'
}

const accesses = ['open', 'user', 'mail', 'admin'] as const

/** `/roundcube=http://127.0.0.1:8080/;mail`; without the last word it is for everybody who is signed in. */
export function parseAttachedApp(text: string): AttachedApp | undefined {
  const [, path = '', address = '', word = 'user'] =
    /^((?:\/[\w.~-]+)+)=(https?:\/\/[^\s;]+?)(?:;(\w+))?$/.exec(text) ?? []
  const access = accesses.find((name) => name === word)
  const first = firstPart(path)
  if (access === undefined || first === '' || ownPaths.includes(first) || !URL.canParse(address))
    return undefined
  const target = new URL(address)
  const isPlain =
    target.username === '' && target.password === '' && target.search === '' && target.hash === ''
  return isPlain && !/^\.+$/.test(first) ? { path, target, access } : undefined
}
