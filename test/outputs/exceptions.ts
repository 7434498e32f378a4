/** An Exception is a place where a secret may be seen, and why. */
export interface Exception {
  channels: readonly ('answer' | 'child' | 'file' | 'log' | 'socket' | 'stream')[]
  /** The text around the secret, in which every secret is masked: `[a connection key]`. */
  around: RegExp
  /** Only in these test files. */
  files?: RegExp
  /** The same secret may be seen there once, and not again. */
  once?: true
  why: string
}

export const exceptions: readonly Exception[] = [
  {
    channels: ['file', 'socket'],
    around: /salt(?:","value":"|.)\[a ring key\]/s,
    why: 'The database and its export contain the salt, because their hashes are keyed with it; alone it opens nothing.',
  },
  {
    channels: ['answer', 'child', 'file', 'socket', 'stream'],
    around: /\[a Pipedrive key of the sandbox\]/,
    files: /\/sandbox\/src\/|\/test\/(?:durability\/)?sandbox-|\/test\/browser\//,
    why: 'The sandbox shows its built-in keys in its page and data. Its own tests check that it does not list the keys of callers.',
  },
  {
    channels: ['child'],
    around: /\[a connection key\]/,
    files: /\/test\/outputs\/outputs\.integration\.test\.ts$/,
    why: 'That test lets a run leak on purpose.',
  },
  {
    channels: ['child'],
    around: /^"?\[an admin token\]"?$/,
    files: /\/connections\/admin-token\.test\.ts$/,
    why: 'Processes that start concurrently print their token, so that the test can compare them.',
  },
  {
    channels: ['child', 'stream'],
    around: /\[a Pipedrive key of the sandbox\] +(Alice Andersson, administrator|Bob Becker, user|Carol Kranich, user)/,
    why: 'The sandbox prints its built-in keys when it starts: callers need them.',
  },
  {
    channels: ['child'],
    around: /:\d+\/\S+ -H 'x-api-key: \[a Pipedrive key of the sandbox\]'/,
    why: '`npm start` prints three lines to try, with a key of the sandbox.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"key":"\[a connection key\]"/,
    once: true,
    why: 'POST /api/keys returns the new key, once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"token":"\[an owner's token\]"/,
    once: true,
    why: 'POST /api/owners and the renewal of a token return the token, once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"webhook-signature":"v1,\[a ring key\]/,
    why: 'A signature of Standard Webhooks looks like a ring key: 32 bytes in base64.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"signingKey":"\[/,
    why: 'POST /subscriptions/{trigger} returns the signing key only to a caller that has the account’s key and the callback URL.',
  },
  {
    channels: ['answer', 'socket'],
    around: /\/subscriptions\/\w+\/\[a secret that this test used\][^\s"]*(?: does not take |\. (?:Did|GET))/,
    why: 'An error about an unknown path repeats the path, which the caller already has.',
  },
  {
    channels: ['answer', 'socket'],
    around: /\/subscriptions\/\w+\/\[a secret that this test used\](?:$|\s)/,
    once: true,
    why: 'The Location of POST /subscriptions/{trigger} authorizes unsubscribing; it is returned once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"subscription_url":"[^"]*\/hooks\/\[|"http_auth_password":"\[/,
    why: 'The sandbox shows administrators the webhooks of their company with their secrets, as Pipedrive does.',
  },
  {
    channels: ['child', 'stream'],
    around: /(^|\n|"key": ")\[a connection key\]("|\n)/,
    once: true,
    why: '`dealbridge connections keys add` prints the new key, once.',
  },
  {
    channels: ['child', 'stream'],
    around: /(^|\n|"token": ")\[an owner's token\]("|\n)/,
    once: true,
    why: '`dealbridge owners add` and `owners renew` print the new token, once.',
  },
]
