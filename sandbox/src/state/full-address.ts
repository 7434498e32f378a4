import { type Address, addressParts } from './records.ts'

const noParts = Object.fromEntries(addressParts.map((part) => [part, null]))

/** The address with every part that it does not have as null: so it is shown. */
export const fullAddress = (address: Address | null): Address | null => address && { ...noParts, ...address }
