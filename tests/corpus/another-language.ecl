function f(x) { return x + 1; }
class A extends B { int x = 3; }
