import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Problem, type ProblemBody } from '@/api/problem';
import { useProblemText } from './problemText';

const say = (error: unknown) => renderHook(() => useProblemText()).result.current(error);
const body = (given: Partial<ProblemBody>) => given;

test('a code that we know is said in our words, not in the server’s', () => {
  const error = new Problem(409, 'no_model', body({ detail: 'Añade uno con POST /bots/…' }));

  expect(say(error)).toBe('La caja de herramientas de este bot está vacía. Añade un modelo.');
});

test('a code whose sentence needs the server’s figures is said in the server’s words', () => {
  const error = new Problem(413, 'too_large', body({ detail: 'La petición supera el límite de 25 MB.' }));

  expect(say(error)).toBe('La petición supera el límite de 25 MB.');
});

test('too many attempts say how long to wait', () => {
  expect(say(new Problem(429, 'too_many_requests', {}, 90))).toBe(
    'Demasiados intentos. Prueba de nuevo dentro de 1 min 30 s.',
  );
});

test('a refused form names the fields in people’s words', () => {
  const errors = [
    { location: ['body', 'email'], message: 'value is not a valid email address', type: 'value_error' },
    { location: ['body', 'name'], message: 'too short', type: 'string_too_short' },
  ];

  expect(say(new Problem(422, 'validation', body({ errors })))).toBe(
    'Hay algo que no es válido en el correo y el nombre.',
  );
});

test('a field that people do not know is not named', () => {
  const errors = [{ location: ['query', 'cursor'], message: 'bad', type: 'value_error' }];

  expect(say(new Problem(422, 'validation', body({ errors })))).toMatch(/^Hay algún dato/);
});

test('a bare code, an event and anything else have a sentence too', () => {
  expect(say('answer_cut_short')).toMatch(/^El modelo ha dejado de responder/);
  expect(say({ code: 'provider_unavailable', detail: 'Ningún modelo…' })).toBe('Ningún modelo…');
  expect(say(new TypeError('x is undefined'))).toMatch(/^Algo ha fallado/);
});
