import { type Address, addressParts } from './records.ts'

const noParts = Object.fromEntries(addressParts.map((part) => [part, null]))

/** The address as answers show it: missing parts are null. */
export const fullAddress = (address: Address | null): Address | null => address && { ...noParts, ...address }
