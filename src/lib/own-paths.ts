/** First parts of paths on the web that are ours whatever the settings say, or will be. */
export const ownPaths: readonly string[] = [
  'account',
  'sso',
  'oauth',
  'mail',
  'autodiscover',
  'metrics',
  'health',
  'static',
  'webdav',
  'dav',
  '.well-known',
  'robots.txt',
]

/** `account` of `/Account/tokens`. */
export const firstPart = (path: string): string => path.split('/')[1]?.toLowerCase() ?? ''
