import { standardCompanies } from './standard-companies.ts'

export const brightwater = standardCompanies()[0]!

/** A value of each type of custom field. */
export const hollisterValues = brightwater.deals.find(({ title }) => title === 'Hollister library chairs')!.custom!

/** Ids of the users. */
export const users = {
  alice: 21470311,
  bob: 21470312,
  chloe: 21470313,
  diego: 21470314,
  emi: 21470315,
  frank: 21470316,
  grace: 21470317,
}

/** Codes of the custom fields. */
export const fields = {
  purchaseOrder: '4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c',
  assemblyFee: 'b07e5d3389c1f24a6d90e8175bc2f4a3d61e9078',
  region: '5fdaffac1f3d52a1516d274b1fe29fcba29ebabf',
  briefing: '86b5f3c22129c5c4e7a2e57be95bcc5d281aa517',
  floorArea: 'bb2583bf68550e50dcd2600d8ef9e3fc74dcb2d9',
  installDate: '883e335a5a1594af4eb331626f36c1c66068bbed',
  installWindow: '6e3e7615a1d52b096c93b52bdd89eecff997c1e4',
  deliveryTime: '5452e7a77977dc633fdca4b48ba22d81b260bab6',
  dockHours: '2cf8bc7e0bb67b45926a5f65f88a5412a6016b5b',
  sitePhone: 'e2823220eab004a8c9c948a1eab4a60f5058cc25',
  wood: '902cff3d0084361f82b9381cc0549fd8538e920c',
  rooms: 'aed614cedc30f50cd6ec72397d9e1b73d5730751',
  planner: '561217247163b5972141d50d535e0ac5de339066',
  dealer: '3fcdb476af50736e104b384bfafe18e14f1babf1',
  architect: 'c8d9f5a068c1331e495bf117a9edae4408abe378',
  site: 'ebc6749b344b8fdd85c64749dd50249b9eedf728',
  language: 'fb8502f01a4c2315245a72ec0cbcd337a5c66efa',
  customerSince: '8fe10e2c51c32b964fa4f8c7bc9423267cfc0dae',
  leadTime: '3288f608b85ed3581dc912ef41495e9604c8c925',
  travel: 'ba67be8f3a8457a6cea8e2c3695f663436d206d3',
}
