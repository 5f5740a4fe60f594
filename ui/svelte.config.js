/** Svelte strips types by itself; no preprocessor is needed. */
export default { compilerOptions: { runes: true } }
