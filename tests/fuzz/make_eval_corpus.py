#!/usr/bin/env python3
"""Write tests/fuzz/corpus/eval/*: expressions that lead the fuzzer into each
part of the grammar and into its limits. Run it in any folder."""
import os

CORPUS = {
    'empty': '',
    'blank': ' \t\n',
    'linear': 'y=n*d+1; z=sqrt(y)',
    'precedence': '-2**2*3//4%5+6<<1&7^8|9==1',
    'comparisons': '(i<j)|(u>=3)&~(d!=d)',
    'chained': '1<2<3',
    'where': 'where(isnan(f), 0, clip(f, -1, 1))',
    'casts': 'i8(d)+u64(c)+bool(h)*f16(i)',
    'complex': 'conj(c)*(1+2j)/abs(c)+real(c)',
    'exact': 'i==u',
    'range': 'i*300',
    'overflow': '2**64',
    'shift': '1<<64>>200',
    'fold': '(7//2)%2**-1',
    'power': 'd**2+d**0.5+d**-1+i**2+j**i',
    'hexadecimal': '0xffffffffffffffff+u',
    'numbers': '1e400+.5+2.+1e-9+3J+1_000',
    'names': 'b=i;i=b;pi=e;pi*inf-nan',
    'mismatch': 'j+u',
    'nested': 150 * '(' + 'd' + 150 * ')',
    'too_deep': 250 * '(' + 'd' + 250 * ')',
    'signs': 150 * '-~' + '1',
    'towers': 150 * '2**' + '1',
    'arguments': 'hypot(d,)+atan2(d)',
    'comment': '1 /* */ // 2',
    'quotes': '"; system(\'x\'); //',
    'index': 'd[0]',
    'semicolons': ';;1;;',
    'latin1': 'd\xe9+1',
    'long_name': 200 * 'x' + '=1',
}

if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          'corpus', 'eval')
    os.makedirs(folder, exist_ok=True)
    for name, content in CORPUS.items():
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(content.encode('latin-1'))
