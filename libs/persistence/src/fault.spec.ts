import { describe, expect, it } from 'vitest';
import { ParameterError } from './array-parameter.js';
import { databaseFault } from './fault.js';

const fromPostgres = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' });

describe('a fault of the database', () => {
  it.each(['22P02', '22P05', '23502', '21000', '54000'])('%s is one of the data', (code) => {
    expect(databaseFault(fromPostgres(code))).toBe('data');
  });

  it('is one of the data where Postgres was not even asked', () => {
    expect(databaseFault(new ParameterError('what stands for an id is no uuid'))).toBe('data');
  });

  it.each(['25006', '42P01', '42703', '42501', '28P01', '3D000', '40P01', '53300', '57P01', '55P03', 'XX000'])(
    '%s may pass by itself',
    (code) => {
      expect(databaseFault(fromPostgres(code))).toBe('transient');
    },
  );

  it('in the connection may pass by itself', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
    expect(databaseFault(refused)).toBe('transient');
    expect(databaseFault(new Error('Connection terminated unexpectedly'))).toBe('transient');
    expect(databaseFault(new Error('Query read timeout'))).toBe('transient');
  });

  it('is nothing that only speaks of connections', () => {
    expect(databaseFault(new TypeError("Cannot read properties of undefined (reading 'connectionId')"))).toBe('other');
    expect(databaseFault(new Error('the Petstore: Connect Timeout Error'))).toBe('other');
    expect(databaseFault('Connection terminated')).toBe('other');
  });
});
