import { expect, test } from 'vitest';
import { passwordStrength } from './passwordStrength';

test.each([
  ['', 'short'],
  ['siete77', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['contraseña', 'weak'],
  ['Barco-verde1', 'strong'],
  ['Barco1verde', 'good'],
  ['tres palabras sueltas', 'strong'],
] as const)('%j is %s', (password, strength) => {
  expect(passwordStrength(password)).toBe(strength);
});
