/** Ids that the data of Brightwater Interiors refers to. */
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
}
