import { isIP } from 'node:net'

/** Whether only programs on this machine can reach a server that listens there; an IPv6 address with or without the brackets of a URL. */
export const isLoopback = (hostname: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(hostname) || (isIP(hostname) === 4 && hostname.startsWith('127.'))
