/** Stands in files for a secret that is not told. Read back, it means: as it is. */
export const hidden = '<hidden>'
